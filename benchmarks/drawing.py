"""How long one picture of the drawn square takes, by the number of people on it.

Run from the top of the repository: `python benchmarks/drawing.py`.
"""

import statistics
import time

from monitor.plaza import Plaza

CROWDS = (0, 30, 120, 400, 1000)
PICTURES = 15
SEED = 12


def main() -> None:
    """Print the median time for each crowd at 1280x720."""
    print("people  built in s  picture in ms")
    for people in CROWDS:
        began_s = time.perf_counter()
        plaza = Plaza(people, SEED)
        built_s = time.perf_counter() - began_s
        times_ms = []
        for index in range(PICTURES):
            began_s = time.perf_counter()
            plaza.render(index / 10)
            times_ms.append(1000 * (time.perf_counter() - began_s))
        print(f"{people:6d}  {built_s:10.2f}  {statistics.median(times_ms):13.1f}")


if __name__ == "__main__":
    main()
