#!/usr/bin/env python3
"""Step time and tokens a second of simulated clusters against the number of workers, for several models, links and numbers of
parameter servers (`lstm-cluster simulate`). Prints the tables of docs/scaling.md.

Machines are given and not measured, so that the same tables come out everywhere.
"""
import argparse
from measure import program, table

JOB = "examples/moby-dick.yaml"
WORKERS, MODELS, LINKS, SERVERS = (1, 10, 100, 1000, 10000), ("1M", "10M", "100M"), ("10G", "100G"), (1, 64)

# A simulated step costs real time for each message; one step is like the other.
MOST_MESSAGES = 3_000_000


def steps(workers, servers, most):
    return max(2, min(most, MOST_MESSAGES // (2 * workers * (servers + 1))))


def simulated(a, workers, model, link, servers):
    return program("simulate", JOB, "--workers", workers, "--parameters", model, "--bandwidth", link, "--parameter-servers", servers,
                   "--steps", steps(workers, servers, a.steps), "--flops", a.flops, "--memory", a.memory, "--tokens", a.tokens)[-1]


def seconds(value):
    return f"{value:.3g}" if value < 1000 else f"{value:.0f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=10, help="most steps of a simulation (default 10)")
    parser.add_argument("--flops", default="100G", help="of a worker, per second (default 100G)")
    parser.add_argument("--memory", default="10G", help="bytes per second of a core that sums (default 10G)")
    parser.add_argument("--tokens", type=int, default=2048, help="tokens of a shard, and so of a worker (default 2048)")
    parser.add_argument("--workers", type=int, nargs="+", default=WORKERS)
    parser.add_argument("--models", nargs="+", default=MODELS, help="numbers of parameters")
    parser.add_argument("--links", nargs="+", default=LINKS, help="bits per second")
    parser.add_argument("--quick", action="store_true", help="no more than 100 workers")
    a = parser.parse_args()
    workers = [count for count in a.workers if not a.quick or count <= 100]
    print(f"A worker computes {a.flops}FLOP/s on {a.tokens} tokens; a core sums {a.memory}B/s. Seconds a step, tokens a second, and share of"
          " what as many lone workers would do.\n")
    for model in a.models:
        for link in a.links:
            for asked in SERVERS:
                rows, alone = [], None
                for count in workers:
                    found = simulated(a, count, model, link, asked)
                    alone = alone or found["tokens_per_second"]
                    rows.append([count, seconds(found["step_seconds"]), f"{found['tokens_per_second']:,.0f}", seconds(found["exchange_seconds"]),
                                 seconds(found["compute_seconds"]), f"{found['tokens_per_second'] / count / alone:.3f}"])
                print(f"**{model} parameters, {link}bit/s, {found['parameter_servers']} parameter server{'s' if found['parameter_servers'] > 1 else ''}**\n")
                table(["workers", "step, s", "tokens/s", "formula, one way, s", "computing, s", "of linear"], rows)


if __name__ == "__main__":
    main()
