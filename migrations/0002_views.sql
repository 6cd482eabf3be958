-- Views for people with a SQL prompt. Money (gross, refunds) is in minor units × 10⁴, duration in milliseconds.
-- They show what readers see: of each day the generation that the day book names.

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
LEFT JOIN day_book AS book USING (date, merchant, shard)
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
)
WHERE rollup.generation = coalesce(book.generation, 0);
--> statement-breakpoint
-- One row an hour of a merchant: the totals of its shards.
CREATE VIEW rollup_hours AS
SELECT
	rollup.date,
	rollup.hour,
	rollup.merchant,
	rollup.currency,
	count(*) AS shards,
	sum(rollup.visits)::bigint AS visits,
	sum(rollup.pageviews)::bigint AS pageviews,
	sum(rollup.events)::bigint AS events,
	sum(rollup.bounces)::bigint AS bounces,
	sum(rollup.duration)::bigint AS duration,
	sum(rollup.orders)::bigint AS orders,
	sum(rollup.gross)::bigint AS gross,
	sum(rollup.refunds)::bigint AS refunds,
	sum(rollup.units)::bigint AS units,
	sum(rollup.product_views)::bigint AS product_views,
	sum(rollup.adds_to_cart)::bigint AS adds_to_cart,
	sum(rollup.checkouts)::bigint AS checkouts,
	sum(rollup.foreign_orders)::bigint AS foreign_orders
FROM hourly_rollups AS rollup
LEFT JOIN day_book AS book USING (date, merchant, shard)
WHERE rollup.generation = coalesce(book.generation, 0)
GROUP BY rollup.date, rollup.hour, rollup.merchant, rollup.currency;
--> statement-breakpoint
-- One row a sealed day of a merchant: the totals of its shards. Visitors with a supplied id are not among
-- `anonymous_visitors`: they are the union of `identified`, which the hll extension can count.
CREATE VIEW rollup_days AS
SELECT
	rollup.date,
	rollup.merchant,
	rollup.currency,
	count(*) AS shards,
	sum(rollup.visitors)::bigint AS anonymous_visitors,
	sum(rollup.visits)::bigint AS visits,
	sum(rollup.pageviews)::bigint AS pageviews,
	sum(rollup.events)::bigint AS events,
	sum(rollup.bounces)::bigint AS bounces,
	sum(rollup.duration)::bigint AS duration,
	sum(rollup.orders)::bigint AS orders,
	sum(rollup.gross)::bigint AS gross,
	sum(rollup.refunds)::bigint AS refunds,
	sum(rollup.units)::bigint AS units,
	sum(rollup.product_views)::bigint AS product_views,
	sum(rollup.adds_to_cart)::bigint AS adds_to_cart,
	sum(rollup.checkouts)::bigint AS checkouts,
	sum(rollup.foreign_orders)::bigint AS foreign_orders
FROM daily_rollups AS rollup
LEFT JOIN day_book AS book USING (date, merchant, shard)
WHERE rollup.generation = coalesce(book.generation, 0)
GROUP BY rollup.date, rollup.merchant, rollup.currency;
