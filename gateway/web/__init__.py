"""The pages: server-rendered, in Russian first, usable without JavaScript. They decide nothing and store nothing.

Personal data reach a page only from `use_cases.disclose`, by way of the use cases that call it.
"""
