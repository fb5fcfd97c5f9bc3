"""Text before any unit is sought: decoded, bounded, seen in normalised lines."""
