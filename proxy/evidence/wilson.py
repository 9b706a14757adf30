"""What a sample says of all the rest: the lower bound of the Wilson score interval for a share."""

import math

# The normal distribution's quantile for 95 %, both sides. A bound that holds without assuming a normal distribution of
# the share itself, so that it says something when all of a few samples agree.
# Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).
Z = 1.959964


def lower_bound(successes: int, total: int) -> float:
    """Return the share of successes that there is at least, with 95 % confidence; 0 for no sample at all."""
    if not successes:  # exactly 0, which rounding would miss
        return 0.0
    share, z2 = successes / total, Z * Z
    margin = Z * math.sqrt(share * (1 - share) / total + z2 / (4 * total * total))
    return (share + z2 / (2 * total) - margin) / (1 + z2 / total)


def more_successes(successes: int, total: int, target: float) -> int:
    """Return how many further samples, all of them successes, bring the bound to a target below 1."""

    def suffice(more: int) -> bool:
        return lower_bound(successes + more, total + more) >= target

    if suffice(0):
        return 0
    too_few, enough = 0, 1
    while not suffice(enough):  # the bound comes as near to 1 as one likes
        too_few, enough = enough, 2 * enough
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        too_few, enough = (too_few, middle) if suffice(middle) else (middle, enough)
    return enough
