"""What a new version of a document does to the units that stand: matched, judged, and said."""
