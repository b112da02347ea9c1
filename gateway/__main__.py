"""`python -m gateway` is the command `mezhved`."""

from gateway.cli import main

main()
