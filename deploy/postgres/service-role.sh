# Run once, when PostgreSQL makes its cluster: the role that services log in with. `claimtrail migrate` gives it its rights.
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
  --set password="$(cat /run/passwords/service/password)" <<'SQL'
CREATE ROLE claimtrail_service LOGIN PASSWORD :'password';
SQL
