-- A register: names with capitals, functions in another schema than the tables, a json answer (not jsonb), lifecycles that are an enum,
-- profiles in JSON, and parents and owners that may be missing.
CREATE ROLE "Registrar" NOLOGIN;
CREATE SCHEMA "Register" AUTHORIZATION "Registrar";
CREATE SCHEMA api AUTHORIZATION "Registrar";
SET ROLE "Registrar";
CREATE TYPE "Register"."State" AS ENUM ('draft', 'enacted', 'retired');
CREATE TABLE "Register"."Unit" (
  unit_id uuid PRIMARY KEY DEFAULT gen_random_uuid(), unit_address text NOT NULL UNIQUE, type text NOT NULL, section text NOT NULL,
  publication text NOT NULL, owned_by text, parent text, status "Register"."State" NOT NULL DEFAULT 'draft', current_version_id uuid,
  created timestamptz NOT NULL DEFAULT now());
CREATE TABLE "Register"."Wording" (
  version_id uuid PRIMARY KEY DEFAULT gen_random_uuid(), unit_id uuid NOT NULL REFERENCES "Register"."Unit", seq int NOT NULL DEFAULT 1,
  heading text NOT NULL, text text NOT NULL);
CREATE FUNCTION api.create_unit(text, text, text, text, text, text, text, text, text) RETURNS json LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  unit uuid;
  version uuid;
BEGIN
  INSERT INTO "Register"."Unit" (unit_address, type, section, publication, owned_by, parent) VALUES ($1, $5, $6, $7, $8, $9)
    RETURNING unit_id INTO unit;
  INSERT INTO "Register"."Wording" (unit_id, heading, text) VALUES (unit, $2, $3) RETURNING version_id INTO version;
  UPDATE "Register"."Unit" SET current_version_id = version WHERE unit_id = unit;
  RETURN json_build_object('status', 'created');
END $$;
CREATE FUNCTION api.enact_unit(by_whom text, address text) RETURNS json LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE "Register"."Unit" u SET status = 'enacted' WHERE u.unit_address = $2 AND u.status = 'draft';
  RETURN json_build_object('status', CASE WHEN FOUND THEN 'enacted' ELSE 'not a draft' END);
END $$;
SELECT api.create_unit(format('port.rules~rule_%s', g), 'Rule ' || g, 'Text of rule ' || g, 'clerk', 'rule', 'body', 'policy', NULL, NULL)
  FROM generate_series(1, 9) g;
RESET ROLE;
