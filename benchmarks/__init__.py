"""Measurements, as ratios in the same run: `make bench`. They never assert; they print what they saw."""
