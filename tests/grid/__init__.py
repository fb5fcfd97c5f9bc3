"""What is left when a run dies: the kill grid, races, and a state machine over cut, die, resume,
halt and revert.
"""
