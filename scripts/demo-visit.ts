// One made-up visit to the demo shop, from arrival to whatever it comes to: most look at a page or two, some put something
// into the cart, few buy, and some of those send something back days later. A function of its chance alone.

import type { Item } from "../core/event.ts";
import { arrivalOn, UNANNOUNCED, type Arrival } from "./demo-arrivals.ts";
import {
  CART,
  CATEGORIES,
  CHECKOUT,
  HOME,
  PRODUCTS,
  productPage,
  THANKS,
  type Page,
  type Product,
} from "./demo-catalogue.ts";
import { bot, person, type Person } from "./demo-people.ts";
import { Random } from "./random.ts";
import type { WireEvent } from "./send.ts";

export interface Shop {
  seed: string;
  /** Where it is served, as "http://127.0.0.1:8787". */
  origin: string;
  /** ISO 4217. */
  currency: string;
  /** Customers with an account. */
  customers: number;
}

const BOTS = 0.04;
const BOUNCE = 0.44;
const LEAVE = 0.33;
const TO_PRODUCT = 0.62;
const ADD_TO_CART = 0.085;
const CHECK_OUT = 0.52;
const PURCHASE = 0.62;
const REFUND = 0.05;
const DWELL_MS = 32_000;
const PAGES_MAX = 25;
const DAY_MS = 86_400_000;

/** `id` names it among all visits of the shop; `weekday` 1 is Monday. Events are in the order of their times. */
export function visit(shop: Shop, id: string, startMs: number, weekday: number): WireEvent[] {
  const random = new Random(`${shop.seed} ${id}`);
  if (random.chance(BOTS)) {
    const crawl = new Story(shop, id, startMs, random, { who: bot(random), user: null }, UNANNOUNCED);
    crawl.look(random.pick([HOME, ...CATEGORIES]));
    for (const product of random.shuffled(PRODUCTS).slice(0, 1 + random.below(4))) crawl.look(productPage(product));
    return crawl.events;
  }
  const arrival = arrivalOn(weekday, random);
  const story = new Story(shop, id, startMs, random, visitorOf(shop, random, arrival), arrival);
  browse(story, random, arrival);
  if (story.cart.length > 0 && random.chance(CHECK_OUT)) {
    story.checkOut();
    if (random.chance(PURCHASE)) {
      story.buy();
      if (random.chance(REFUND)) story.sendBack();
    }
  }
  return story.events;
}

interface Visitor {
  who: Person;
  user: string | null;
}

/** Customers are the same people on every visit, and some come much more often than others. */
function visitorOf({ seed, customers }: Shop, random: Random, { known }: Arrival): Visitor {
  if (!random.chance(known)) return { who: person(random), user: null };
  const user = `customer-${Math.floor(customers * random.next() ** 2)}`;
  return { who: person(new Random(`${seed} ${user}`)), user };
}

function browse(story: Story, random: Random, { bounce, intent }: Arrival): void {
  const landing = random.next();
  if (landing < 0.4) story.look(HOME);
  else if (landing < 0.55) story.look(random.pick(CATEGORIES));
  else story.lookAt(random.weighted(PRODUCTS));
  if (random.chance(BOUNCE * bounce)) return;
  for (let pages = 1; pages < PAGES_MAX; pages++) {
    if (random.chance(TO_PRODUCT)) {
      const product = random.weighted(PRODUCTS);
      story.lookAt(product);
      if (random.chance(ADD_TO_CART * intent)) story.add(product);
    } else story.look(random.pick([HOME, ...CATEGORIES]));
    if (random.chance(LEAVE)) return;
  }
}

/** A visit as it happens: where the visitor is, what time it is, and what is in the cart. */
class Story {
  readonly events: WireEvent[] = [];
  readonly cart: Item[] = [];
  readonly #shop: Shop;
  readonly #id: string;
  readonly #random: Random;
  readonly #visitor: Visitor;
  readonly #arrival: Arrival;
  #atMs: number;
  #url = "";

  constructor(shop: Shop, id: string, startMs: number, random: Random, visitor: Visitor, arrival: Arrival) {
    this.#shop = shop;
    this.#id = id;
    this.#random = random;
    this.#visitor = visitor;
    this.#arrival = arrival;
    this.#atMs = startMs;
  }

  look({ path, title }: Page): void {
    const first = this.#url === "";
    if (!first) this.#stay();
    const { query = "", referrer } = this.#arrival;
    this.#url = this.#shop.origin + path + (first && query !== "" ? `?${query}` : "");
    this.#tell("pageview", { title, ...(first && referrer !== undefined ? { referrer } : {}) });
  }

  lookAt(product: Product): void {
    this.look(productPage(product));
    this.#wait(1_000);
    this.#tell("view_item", this.#money([itemOf(product, 1)]));
  }

  add(product: Product): void {
    this.#wait(8_000);
    const item = itemOf(product, this.#random.chance(0.8) ? 1 : 2 + this.#random.below(3));
    this.cart.push(item);
    this.#tell("add_to_cart", this.#money([item]));
  }

  checkOut(): void {
    this.look(CART);
    this.look(CHECKOUT);
    this.#wait(1_000);
    this.#tell("begin_checkout", this.#money(this.cart));
  }

  buy(): void {
    this.look(THANKS);
    this.#wait(500);
    const money = this.#money(this.cart);
    const shipping = money.value >= 60 ? 0 : 4.9;
    this.#tell("purchase", { ...money, transaction_id: this.#order(), tax: cents(money.value * 0.19), shipping });
  }

  /** The back office notes it: not the visitor's browser. */
  sendBack(): void {
    const atMs = this.#atMs + Math.round(this.#random.between(2, 12) * DAY_MS);
    const money = this.#money(this.#random.shuffled(this.cart).slice(0, 1));
    const { user } = this.#visitor;
    this.events.push({
      id: this.#eventId(),
      name: "refund",
      occurred_at: atMs,
      visitor: {},
      transaction_id: this.#order(),
      ...money,
      ...(user === null ? {} : { user }),
    });
  }

  #money(items: Item[]): { currency: string; value: number; items: Item[] } {
    const value = cents(items.reduce((sum, { price = 0, quantity = 1 }) => sum + price * quantity, 0));
    return { currency: this.#shop.currency, value, items: [...items] };
  }

  #order(): string {
    return `order-${this.#id}`;
  }

  /** Time on a page; long enough to be reported by the script, mostly. */
  #stay(): void {
    const ms = this.#wait(DWELL_MS);
    if (ms > 3_000) this.#tell("engagement", { props: { ms } });
    this.#wait(500);
  }

  #wait(meanMs: number): number {
    const ms = Math.round(this.#random.exponential(meanMs));
    this.#atMs += ms;
    return ms;
  }

  #tell(name: string, fields: Partial<WireEvent>): void {
    const { who, user } = this.#visitor;
    const { country, region, city, language } = who.place;
    this.events.push({
      id: this.#eventId(),
      name,
      occurred_at: this.#atMs,
      url: this.#url,
      language,
      screen: who.screen,
      visitor: { ip: who.ip, user_agent: who.userAgent, country, region, city },
      ...(user === null ? {} : { user }),
      ...fields,
    });
  }

  #eventId(): string {
    return `${this.#id}-${this.events.length}`;
  }
}

const itemOf = ({ id, name, category, price }: Product, quantity: number): Item => ({
  item_id: id,
  item_name: name,
  item_category: category,
  price,
  quantity,
});

const cents = (amount: number): number => Math.round(amount * 100) / 100;
