"""How a training step is made fast. To understand training, skip this folder.

As ever, the same numbers to the bit (for one number of threads):

pieces.py        theta cut into pieces that stay in the processor's cache
loops.py         each update rule as one loop over theta, compiled by numba
memory.py        freed memory is kept for the next step
blas_threads.py  one number of threads for every BLAS

A compiled epoch, the same numbers to rounding, for long runs, with the extra [fast]:

program.py       from a model to a table of numbers, or why there is none
blocks.py        an epoch of the Solver in blocks of compiled steps
steps.py         many steps as one compiled function that reads the table
kernels.py       its loops: activations, batch normalization, dropout, losses
updates.py       its loops: the update rules
native.py        SciPy's sgemm by its address, and what else numba cannot say

numba and SciPy are imported when an epoch is first asked for, by blocks.py.
What it gains, in microseconds a step with one thread (AMD EPYC with AVX-512, beside other work;
Adam): 64-32-10 with a batch of 64 13 for 52, 784-512-512-10 with 128 3,590 for 3,780, and
64-256-256-256-10 with batch normalization and dropout with 64 613 for 904.
"""
