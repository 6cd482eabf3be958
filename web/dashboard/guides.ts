// How the script comes into a shop, by what the shop is made with: what to copy, and where it goes. Pure text.

export interface Guide {
  id: string;
  label: string;
  /** Where what is copied goes. */
  where: string;
  /** What it is to a screen reader. */
  what: string;
  code: string;
  /** What else to know. */
  next: string;
}

const PURCHASE = `countinghouse("purchase", {
  transaction_id: "T-1001", value: 37, currency: "EUR",
  items: [{ item_id: "mug", item_name: "Clay mug", price: 18.5, quantity: 2 }],
});`;

export const guidesFor = (origin: string, merchant: string): Guide[] => [
  {
    id: "html",
    label: "HTML",
    where: "Put this line into the head of every page of your shop.",
    what: "Script tag",
    code: `<script async src="${origin}/s.js" data-merchant="${merchant}"></script>`,
    next: 'Pages are counted from now on. Tell it of orders on the page that confirms them: countinghouse("purchase", { … }).',
  },
  {
    id: "gtm",
    label: "Tag Manager",
    where: "Make a tag of the kind “Custom HTML”, triggered on all pages, with this in it.",
    what: "Custom HTML tag",
    code: `<script>
  window.countinghouse = window.countinghouse || function () { (countinghouse.q = countinghouse.q || []).push(arguments) };
  var s = document.createElement("script");
  s.async = true; s.src = "${origin}/s.js"; s.setAttribute("data-merchant", "${merchant}");
  document.head.appendChild(s);
</script>`,
    next: 'A second tag on your purchase trigger calls countinghouse("purchase", { … }) with the values of your data layer.',
  },
  {
    id: "react",
    label: "React, Next",
    where: "Render this once, in the root layout. Changes of the path are counted by themselves.",
    what: "Component",
    code: `import Script from "next/script";

export const Countinghouse = () => (
  <Script src="${origin}/s.js" data-merchant="${merchant}" strategy="afterInteractive" />
);`,
    next: `Without Next, append the script tag to the head in an effect. Then: ${PURCHASE.split("\n", 1)[0] ?? ""} …`,
  },
  {
    id: "server",
    label: "Server",
    where: "Send events from your server, for example when an order is paid.",
    what: "Command",
    code: `curl ${origin}/e -H 'content-type: application/json' -d '{
  "merchant": "${merchant}",
  "events": [{
    "id": "order-T-1001", "name": "purchase", "url": "https://your.shop/thanks",
    "transaction_id": "T-1001", "currency": "EUR",
    "items": [{ "item_id": "mug", "item_name": "Clay mug", "price": 18.50, "quantity": 2 }]
  }]
}'`,
    next: "An order counts once by its transaction_id, whether the browser, the server or both report it.",
  },
];
