"""Pairs of invented names, and how often `similarity` tells the same man from another."""
