"""Who is asking, what they may see, and the doors that alone hand out a case.

Promises that a case is reached by a key, after a decision, after a log entry. Must never be bypassed: nothing
else makes a `CaseAccess`.
"""
