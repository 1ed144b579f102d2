"""What lawyers take out: submissions, dossiers and counts, from opened sections to finished bytes.

Promises plain values in and bytes out. Must never open a case, read a store or reach the network: whoever
calls has asked for consent, opened what they may, and records what left.
"""
