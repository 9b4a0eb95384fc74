#!/bin/sh
# Keeps the contract of the official image: MYSQL_ROOT_PASSWORD, MYSQL_DATABASE, MYSQL_USER and
# MYSQL_PASSWORD say what a new database holds; the server becomes the first process.
set -eu
data=/var/lib/mysql
run=/var/run/mysqld

# Arguments alone are for the server.
case "${1:-mysqld}" in
    -*) ;;
    mysqld | mariadbd) [ $# -eq 0 ] || shift ;;
    *) exec "$@" ;;
esac

quoted() {
    printf %s "$1" | sed "s/[\\\\']/\\\\&/g"
}

first_words() {
    root=$(quoted "$MYSQL_ROOT_PASSWORD")
    echo "FLUSH PRIVILEGES;"
    echo "ALTER USER 'root'@'localhost' IDENTIFIED BY '$root';"
    echo "CREATE USER IF NOT EXISTS 'root'@'%' IDENTIFIED BY '$root';"
    echo "GRANT ALL ON *.* TO 'root'@'%' WITH GRANT OPTION;"
    if [ -n "${MYSQL_DATABASE:-}" ]; then
        echo "CREATE DATABASE IF NOT EXISTS \`$MYSQL_DATABASE\`;"
    fi
    if [ -n "${MYSQL_USER:-}" ]; then
        user=$(quoted "$MYSQL_USER")
        echo "CREATE USER IF NOT EXISTS '$user'@'%' IDENTIFIED BY '$(quoted "${MYSQL_PASSWORD:-}")';"
        [ -z "${MYSQL_DATABASE:-}" ] || echo "GRANT ALL ON \`$MYSQL_DATABASE\`.* TO '$user'@'%';"
    fi
}

server=$(command -v mysqld || command -v mariadbd)
set -- --no-defaults --datadir=$data --socket=$run/mysqld.sock --pid-file=$run/mysqld.pid \
    --bind-address=0.0.0.0 --skip-name-resolve --loose-mysqlx=OFF --loose-secure-file-priv= "$@"

if [ ! -d $data/mysql ]; then
    : "${MYSQL_ROOT_PASSWORD:?a new database needs MYSQL_ROOT_PASSWORD}"
    # Below the data, because only they are kept, and renamed at the end: an interrupted start
    # must not look like a database.
    new=$data/.new
    rm -rf $new
    words=$run/first-words.sql
    first_words > $words
    if command -v mariadb-install-db > /dev/null; then
        mariadb-install-db --no-defaults --force --skip-test-db --datadir=$new > /dev/null
        "$server" --no-defaults --datadir=$new --bootstrap < $words
    else
        "$server" --no-defaults --datadir=$new --initialize-insecure --init-file=$words
    fi
    rm $words
    mv $new/* $data/
    rm -rf $new
fi
exec "$server" "$@"
