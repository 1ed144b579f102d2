"""The demonstration: invented people play the whole story on a real server, through its pages and its API.

Promises to use nothing but addresses that a browser or a client could use. Must never hold a real person.
"""
