"""How a training step is made fast. To understand training, skip this folder.

pieces.py  theta cut into pieces that stay in the processor's cache
loops.py   each update rule as one loop over theta, compiled by numba
memory.py  freed memory is kept for the next step
blas_threads.py  one number of threads for every BLAS

None of it changes a result: the numbers are the same to the bit (for one number of threads).
"""
