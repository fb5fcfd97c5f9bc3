"""From the units that were found to marks: tree, titles, sub units."""
