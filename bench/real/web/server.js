// Serves build/ with the modules that the bundle's own tools came with.
const express = require("express");

if (process.argv.includes("--check")) {
  fetch("http://127.0.0.1:3000/").then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1));
} else {
  express().use(express.static("build")).listen(3000);
}
