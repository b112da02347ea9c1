"""Authorization server and token checks: OAuth 2 client_credentials with private_key_jwt, tokens as RFC 9068 JWTs.

Knows no SQL and no HTTP framework: clients and one-time identifiers come through `ports`, requests come in as a form.
All JOSE work is joserfc's; Authlib's server core dispatches grants and client authentication. Passwords and session
tokens of people live here too. Nothing in this room logs anything.
"""
