"""What the product does, one file per thing, named by a verb. Reaches the world only through ports.

`disclose` is the one door: every use case that lets personal data out calls it (law 1).
"""
