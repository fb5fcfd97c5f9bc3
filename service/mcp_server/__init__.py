"""Units for models, over the Model Context Protocol: read-only tools."""
