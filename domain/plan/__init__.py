"""Plans of change sets, and the effect that each must have."""
