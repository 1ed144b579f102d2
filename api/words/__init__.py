"""Words that people copy by hand: the reporter's receipt, passphrases, fingerprints said by voice.

Promises that every secret made of words is drawn from lists of 2,048, eleven bits a word, in the reader's
language. Must never draw randomness, keep a secret or put one into an exception: callers bring the entropy
and take the words.
"""
