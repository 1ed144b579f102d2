"""Benchmarks: the product's own path beside plain databases that do the same work, in one run.

Promises ratios from one machine at one time, and the same content from each. Must never time a path that the product
does not take.
"""
