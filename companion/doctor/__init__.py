"""``companion doctor``: tests what a session needs, and says what to do.

A check is a function from the machine to a finding; ``table`` lists them all.
"""
