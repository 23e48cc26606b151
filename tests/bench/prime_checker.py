# SPDX-License-Identifier: MIT
"""The prime checker with Python's multiprocessing: the program that jobs/primes.yaml stands beside.

Numbers go to the worker processes through one queue and come back through another; 0 ends a
worker, and a result for 0 says that one has ended.

    prime_checker.py [PROCESSES]
"""
import os
import sys
from math import isqrt
from multiprocessing import Process, SimpleQueue
from time import perf_counter

NUMBERS = (
    2, 142702110479723, 299593572317531, 3333333333333301, 3333333333333333,
    3333335652092209, 4444444444444423, 4444444444444444, 4444444488888889, 5555553133149889,
    5555555555555503, 5555555555555555, 6666666666666666, 6666666666666719, 6666667141414921,
    7777777536340681, 7777777777777753, 7777777777777777, 9999999999999917, 9999999999999999,
)


def is_prime(n):
    if n < 2:
        return False
    if n == 2:
        return True
    if n % 2 == 0:
        return False
    for divisor in range(3, isqrt(n) + 1, 2):
        if n % divisor == 0:
            return False
    return True


def worker(jobs, results):
    while n := jobs.get():
        began = perf_counter()
        prime = is_prime(n)
        results.put((n, prime, perf_counter() - began))
    results.put((0, False, 0.0))


def start_jobs(processes, jobs, results):
    for n in NUMBERS:
        jobs.put(n)
    for _ in range(processes):
        Process(target=worker, args=(jobs, results)).start()
        jobs.put(0)


def report(processes, results):
    checked = ended = 0
    while ended < processes:
        n, prime, elapsed = results.get()
        if n == 0:
            ended += 1
        else:
            checked += 1
            print(f"{n:16} {'P' if prime else ' '} {elapsed:9.6f}s")
    return checked


def main():
    processes = int(sys.argv[1]) if len(sys.argv) > 1 else os.cpu_count()
    print(f"Checking {len(NUMBERS)} numbers with {processes} processes:")
    began = perf_counter()
    jobs, results = SimpleQueue(), SimpleQueue()
    start_jobs(processes, jobs, results)
    checked = report(processes, results)
    print(f"{checked} checks in {perf_counter() - began:.2f}s")


if __name__ == "__main__":
    main()
