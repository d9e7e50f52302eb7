// Every text that can be seen and stands out too little from what is behind it:
// [{text, ratio, colour, behind}], by the contrast of WCAG 2. An expression for
// the browser; its value is the list.
(() => {
  const LEAST = 4.5;
  const parse = (colour) => {
    const [r, g, b, a = 1] = colour.match(/[\d.]+/g).map(Number);
    return {r, g, b, a};
  };
  const luminance = ({r, g, b}) => [r, g, b].map((c) => c / 255)
      .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
      .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  // The nearest ground that is painted; all of the page's are opaque.
  const behind = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.a === 1) return colour;
    }
    return {r: 255, g: 255, b: 255};
  };
  // A text in a drawn sign stands on the sign's shape.
  const ground = (node) => {
    const shape = node.closest('.sign')?.firstElementChild;
    return shape ? parse(getComputedStyle(shape).fill) : behind(node);
  };
  const bad = [];
  let seen = 0;
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode.data.trim();
    const node = walk.currentNode.parentElement;
    if (!text || !node.checkVisibility() || node.closest('noscript, script, title')) continue;
    ++seen;
    const style = getComputedStyle(node);
    const colour = parse(node instanceof SVGElement ? style.fill : style.color);
    const [light, dark] = [luminance(colour), luminance(ground(node))].sort((a, b) => b - a);
    const ratio = (light + 0.05) / (dark + 0.05);
    if (ratio < LEAST) bad.push({text, ratio: ratio.toFixed(2), colour, behind: ground(node)});
  }
  return {seen, bad};
})()
