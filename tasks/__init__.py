"""The one pipeline of any change set: its root, its gates, its phases, its kinds."""
