"""Tests of iu-cutter: behaviour first, real parts wherever they can run."""
