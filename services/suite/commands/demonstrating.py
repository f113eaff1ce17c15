"""`demo`: a few simulated clinics through all four services, told so that a newcomer understands."""


def demo() -> None:
    """x"""
