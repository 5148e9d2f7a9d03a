/** Lines over two logarithmic axes that begin at 1, as SVG. */
export interface Drawing {
  title: string
  x: Axis
  y: Axis
  series: Series[]
  note: string
}

interface Axis {
  label: string
  most: number
  ticks: number[]
}

interface Point {
  x: number
  y: number
}

interface Series {
  name: string
  colour: string
  points: (Point & { reckoned: boolean })[]
  dashed: Point[]
}

const [width, height] = [760, 400]
/** Of the field between the axes. */
const field = { left: 50, right: width - 130, top: 50, bottom: height - 70 }

export function drawChart({ title, x, y, series, note }: Drawing): string {
  const across = (value: number) => place(value, x.most, field.left, field.right)
  const up = (value: number) => place(value, y.most, field.bottom, field.top)
  const line = (points: Point[], more: string) =>
    points.length < 2
      ? ''
      : `<polyline fill="none" points="${points.map(point => `${across(point.x)},${up(point.y)}`).join(' ')}" ${more}/>`
  const grid = [
    ...x.ticks.map(tick => {
      const at = across(tick)
      return `<path d="M${at} ${field.top}V${field.bottom}"/>${text(at, field.bottom + 18, tick.toLocaleString('en'), 'middle')}`
    }),
    ...y.ticks.map(tick => {
      const at = up(tick)
      return `<path d="M${field.left} ${at}H${field.right}"/>${text(field.left - 8, at + 4, `${tick}`, 'end')}`
    }),
  ]
  const drawn = series.flatMap(({ name, colour, points, dashed }) => {
    const last = [...points, ...dashed].toSorted((a, b) => a.x - b.x).at(-1)
    return [
      line(dashed, `stroke="${colour}" stroke-width="2" stroke-dasharray="6 4"`),
      line(points, `stroke="${colour}" stroke-width="2"`),
      ...points.map(point => {
        const fill = point.reckoned ? '#ffffff' : colour
        return `<circle cx="${across(point.x)}" cy="${up(point.y)}" r="4" fill="${fill}" stroke="${colour}" stroke-width="2"/>`
      }),
      last ? text(across(last.x) + 10, up(last.y) + 4, name, 'start', colour) : '',
    ]
  })
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<g stroke="#dddddd">${grid.join('\n')}</g>`,
    text(field.left, 28, title, 'start', '#222222', 'font-size="15"'),
    text((field.left + field.right) / 2, field.bottom + 38, x.label, 'middle'),
    text(field.left, height - 10, note, 'start', '#666666'),
    ...drawn.filter(Boolean),
    '</svg>',
  ].join('\n')}\n`
}

const place = (value: number, most: number, from: number, to: number): number =>
  Math.round(10 * (from + (Math.log(value) / Math.log(most)) * (to - from))) / 10

const text = (x: number, y: number, words: string, anchor: string, colour = '#444444', more = ''): string =>
  `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="${colour}" stroke="none" ${more}>${words}</text>`
