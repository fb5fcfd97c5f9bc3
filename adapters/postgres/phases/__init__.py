"""The phases of a cut, live: one journaled transaction each."""
