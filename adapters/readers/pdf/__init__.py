"""PDF: the text layer, taken out by PDFium in a process of its own, in the order of reading."""
