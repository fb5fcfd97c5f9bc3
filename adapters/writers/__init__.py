"""A document as other programs and people read it: Akoma Ntoso, JSON, Markdown, HTML."""
