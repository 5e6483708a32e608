"""The conversation over time. Pure: events and a time go in, effects come out.

Start reading at ``table.py``: it holds every decision. ``machine.advance`` applies it.
"""
