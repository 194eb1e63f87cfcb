from layers._types import A, Cache

ALPHA: float
SCALE: float

def forward(x: A) -> tuple[A, Cache]: ...
def backward(dout: A, cache: Cache) -> A: ...
