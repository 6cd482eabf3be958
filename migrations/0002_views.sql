-- Views for people with a SQL prompt. Money (gross, refunds) is in minor units × 10⁴, duration in milliseconds.

-- One row a value of a dimension of an hour: the JSON columns unfolded. `visitors` and `visits` of a value do not add
-- up over hours to the distinct ones. Name a dimension in WHERE: only its column is then read.
CREATE VIEW rollup_values AS
SELECT
	rollup.date,
	rollup.hour,
	rollup.merchant,
	rollup.shard,
	unfolded.dimension,
	cell.value,
	cell.label,
	coalesce(cell.visitors, '0')::bigint AS visitors,
	coalesce(cell.visits, '0')::bigint AS visits,
	coalesce(cell.pageviews, '0')::bigint AS pageviews,
	coalesce(cell.events, '0')::bigint AS events,
	coalesce(cell.bounces, '0')::bigint AS bounces,
	coalesce(cell.duration, '0')::bigint AS duration,
	coalesce(cell.orders, '0')::bigint AS orders,
	coalesce(cell.gross, '0')::bigint AS gross,
	coalesce(cell.refunds, '0')::bigint AS refunds,
	coalesce(cell.units, '0')::bigint AS units,
	coalesce(cell.product_views, '0')::bigint AS product_views,
	coalesce(cell.adds_to_cart, '0')::bigint AS adds_to_cart,
	coalesce(cell.checkouts, '0')::bigint AS checkouts
FROM hourly_rollups AS rollup
CROSS JOIN LATERAL (VALUES
	('entry_page', rollup.entry_page),
	('channel', rollup.channel),
	('source', rollup.source),
	('referrer', rollup.referrer),
	('utm_source', rollup.utm_source),
	('utm_medium', rollup.utm_medium),
	('utm_campaign', rollup.utm_campaign),
	('utm_content', rollup.utm_content),
	('utm_term', rollup.utm_term),
	('country', rollup.country),
	('region', rollup.region),
	('city', rollup.city),
	('browser', rollup.browser),
	('browser_version', rollup.browser_version),
	('os', rollup.os),
	('os_version', rollup.os_version),
	('device', rollup.device),
	('language', rollup.language),
	('exit_page', rollup.exit_page),
	('page', rollup.page),
	('hostname', rollup.hostname),
	('event', rollup.event),
	('product', rollup.product)
) AS unfolded (dimension, col)
-- Parallel arrays side by side; one that is left out (all zero) is padded with nulls.
CROSS JOIN LATERAL ROWS FROM (
	json_array_elements_text(unfolded.col -> 'v'),
	json_array_elements_text(unfolded.col -> 'label'),
	json_array_elements_text(unfolded.col -> 'visitors'),
	json_array_elements_text(unfolded.col -> 'visits'),
	json_array_elements_text(unfolded.col -> 'pageviews'),
	json_array_elements_text(unfolded.col -> 'events'),
	json_array_elements_text(unfolded.col -> 'bounces'),
	json_array_elements_text(unfolded.col -> 'duration'),
	json_array_elements_text(unfolded.col -> 'orders'),
	json_array_elements_text(unfolded.col -> 'gross'),
	json_array_elements_text(unfolded.col -> 'refunds'),
	json_array_elements_text(unfolded.col -> 'units'),
	json_array_elements_text(unfolded.col -> 'product_views'),
	json_array_elements_text(unfolded.col -> 'adds_to_cart'),
	json_array_elements_text(unfolded.col -> 'checkouts')
) AS cell (
	value, label, visitors, visits, pageviews, events, bounces, duration, orders, gross, refunds, units, product_views, adds_to_cart, checkouts
);
--> statement-breakpoint
-- One row an hour of a merchant: the totals of its shards.
CREATE VIEW rollup_hours AS
SELECT
	date,
	hour,
	merchant,
	currency,
	count(*) AS shards,
	sum(visits)::bigint AS visits,
	sum(pageviews)::bigint AS pageviews,
	sum(events)::bigint AS events,
	sum(bounces)::bigint AS bounces,
	sum(duration)::bigint AS duration,
	sum(orders)::bigint AS orders,
	sum(gross)::bigint AS gross,
	sum(refunds)::bigint AS refunds,
	sum(units)::bigint AS units,
	sum(product_views)::bigint AS product_views,
	sum(adds_to_cart)::bigint AS adds_to_cart,
	sum(checkouts)::bigint AS checkouts,
	sum(foreign_orders)::bigint AS foreign_orders
FROM hourly_rollups
GROUP BY date, hour, merchant, currency;
