-- The database behind the test CRM: one template, copied for each test.
-- PostgREST logs in as authenticator and becomes anon or authenticated, as the token says.  What a
-- signed-in person sees and may write is decided by the organisation of ce_users with the token's sub.

CREATE TABLE ce_users (
	id uuid PRIMARY KEY,
	sub text UNIQUE NOT NULL,
	email text NOT NULL,
	name text,
	role text NOT NULL DEFAULT 'rep',
	organization_id uuid NOT NULL
);

CREATE TABLE ce_partners (
	id text PRIMARY KEY,
	name text NOT NULL,
	domain text,
	organization_id uuid NOT NULL,
	updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE ce_leads (
	id text PRIMARY KEY,
	name text NOT NULL,
	email text,
	organization_id uuid NOT NULL,
	updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE ce_contacts (
	id text PRIMARY KEY,
	first_name text,
	last_name text,
	email text,
	other_emails text[],
	phone text,
	title text,
	partner_id text REFERENCES ce_partners (id),
	lead_id text REFERENCES ce_leads (id),
	owner_id uuid,
	organization_id uuid NOT NULL,
	updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE ce_deals (
	id text PRIMARY KEY,
	name text NOT NULL,
	number text,
	amount numeric,
	currency text,
	stage text,
	close_date date,
	next_step text,
	partner_id text REFERENCES ce_partners (id),
	contact_id text REFERENCES ce_contacts (id),
	owner_id uuid,
	organization_id uuid NOT NULL,
	updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE ce_activities (
	id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	organization_id uuid NOT NULL,
	contact_id text REFERENCES ce_contacts (id),
	partner_id text REFERENCES ce_partners (id),
	lead_id text REFERENCES ce_leads (id),
	activity_type text NOT NULL,
	subject text,
	description text,
	status text NOT NULL,
	activity_date timestamptz NOT NULL,
	created_by uuid,
	body text,
	message_id text,
	duration_min int,
	due_date date,
	created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE ce_email_messages (
	id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	organization_id uuid NOT NULL,
	message_id text,
	contact_id text REFERENCES ce_contacts (id),
	partner_id text REFERENCES ce_partners (id),
	subject text,
	direction text,
	sent_at timestamptz,
	attachments jsonb NOT NULL DEFAULT '[]',
	is_deleted boolean NOT NULL DEFAULT false,
	created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE ce_notifications (
	id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	organization_id uuid NOT NULL,
	type text NOT NULL CHECK (type IN ('email_opened', 'email_clicked', 'email_bounced')),
	recipient_user_id uuid NOT NULL,
	data jsonb NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE ce_module_settings (
	organization_id uuid PRIMARY KEY,
	email_sync_history_days int NOT NULL DEFAULT 30 CHECK (email_sync_history_days BETWEEN 7 AND 90),
	email_body_size_limit_kb int NOT NULL DEFAULT 500 CHECK (email_body_size_limit_kb BETWEEN 100 AND 2000),
	email_sync_interval_minutes int NOT NULL DEFAULT 15 CHECK (email_sync_interval_minutes BETWEEN 5 AND 60),
	email_tracking_enabled boolean NOT NULL DEFAULT true,
	email_custom_tracking_domain text
);

-- What the profile's "events" are told to: one row for each event, however often it is told.
CREATE TABLE ce_events (
	email_message_id text PRIMARY KEY,
	event_type text NOT NULL,
	organization_id uuid NOT NULL,
	direction text NOT NULL CHECK (direction IN ('inbound', 'outbound')),
	contact_id text,
	partner_id text,
	"timestamp" timestamptz NOT NULL
);

CREATE FUNCTION ce_organization() RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
	SELECT organization_id FROM ce_users
	WHERE sub = nullif(current_setting('request.jwt.claims', true), '')::json ->> 'sub'
$$;

DO $$
DECLARE
	t text;
BEGIN
	FOREACH t IN ARRAY ARRAY['ce_users', 'ce_partners', 'ce_leads', 'ce_contacts', 'ce_deals', 'ce_activities',
	                         'ce_email_messages', 'ce_notifications', 'ce_module_settings', 'ce_events'] LOOP
		EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
		EXECUTE format('CREATE POLICY own_organization ON %I USING (organization_id = (SELECT ce_organization()))'
		               ' WITH CHECK (organization_id = ce_organization())', t);
		EXECUTE format('GRANT SELECT ON %I TO anon', t);
		EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO authenticated', t);
	END LOOP;
END $$;
GRANT USAGE ON SCHEMA public TO anon, authenticated;
