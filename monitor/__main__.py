"""`python -m monitor`: the same as `crowd-monitor`."""

from monitor.cli.app import main

if __name__ == "__main__":
    main()
