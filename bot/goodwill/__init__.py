"""Rights, then favours: pure functions over plain facts and the policy that management edits.

``decide`` in engine.py is the order of decision; rights.py states what the law gives; hours.py says by when.
"""
