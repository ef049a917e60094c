echo "2 tests passed"
