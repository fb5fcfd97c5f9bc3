"""How a connection is made and spoken over: sessions, statements, rows, and what the server's
errors mean.
"""
