"""The shop's web server: counts visits in Redis, keeps orders in PostgreSQL, shows both on one page."""

import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from postgres_client import Postgres, PostgresError, quote
from redis_client import Redis, RedisError

PRODUCTS = ["apple", "bread", "cheese", "tea"]


def redis():
    return Redis(os.environ["REDIS_HOST"])


def postgres():
    password = Path(os.environ["POSTGRES_PASSWORD_FILE"]).read_text().strip()
    return Postgres(os.environ["POSTGRES_HOST"], os.environ["POSTGRES_USER"], password, os.environ["POSTGRES_DB"])


def create_tables():
    with postgres() as database:
        database.query(
            "create table if not exists orders (id serial primary key, product text not null, at timestamptz default now())"
        )


def visit():
    """Takes one visit: counts it, orders a product, and returns the page."""
    with redis() as cache:
        visits = cache.call("INCR", "visits")
    product = PRODUCTS[visits % len(PRODUCTS)]
    with postgres() as database:
        database.query(f"insert into orders (product) values ({quote(product)})")
        orders = database.query("select product, count(*) from orders group by product order by product")
    total = sum(int(count) for _, count in orders)
    lines = [f"visits: {visits}", f"orders: {total}"] + [f"  {product}: {count}" for product, count in orders]
    return "\n".join(lines) + "\n"


class Page(BaseHTTPRequestHandler):
    """One request. /health touches nothing but answers only when both stores do."""

    def do_GET(self):
        try:
            if self.path == "/health":
                self._answer(200, health())
            elif self.path == "/":
                self._answer(200, visit())
            else:
                self._answer(404, "no such page\n")
        except (OSError, PostgresError, RedisError) as error:
            self._answer(503, f"not available now: {error}\n")

    def _answer(self, status, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def health():
    with redis() as cache:
        cache.call("PING")
    with postgres() as database:
        database.query("select 1 from orders limit 1")
    return "ok\n"


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    create_tables()
    print("shop: listening on port 8000", flush=True)
    ThreadingHTTPServer(("", 8000), Page).serve_forever()


if __name__ == "__main__":
    main()
