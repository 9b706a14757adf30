"""Where the sides differ hardly more often than legacy differs from itself."""

from proxy.evidence.found import Counts, Path
from proxy.routing.document import RouteDocument
from proxy.routing.proof import CompareDocument, NoiseDocument


def is_noise(route: RouteDocument, path: Path, counts: Counts) -> bool:
    """Tell whether the sides differ at a path hardly more often than legacy differs from itself, by the route's rule.

    Only requests that legacy got twice can tell.
    """
    from proxy.shadow.noise import is_reported

    return bool(path.noise) and not is_reported(path.raw_noisy, path.noise, counts.noise_total, *thresholds(route))


def thresholds(route: RouteDocument) -> tuple[float, float]:
    """Return from when on a difference is more than noise: the relative and the absolute threshold, as shares."""
    compare = route.compare
    rule = compare.noise if isinstance(compare, CompareDocument) and isinstance(compare.noise, NoiseDocument) else None
    rule = rule or NoiseDocument()
    return rule.relative / 100, rule.absolute / 100
