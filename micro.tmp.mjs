import fs from "node:fs"; import {parquetMetadata} from "hyparquet"; import {parquetHeader} from "hyparquet/src/column.js";
const B=await import(process.argv[2]+"/archive/bits.ts");
const b=fs.readFileSync("/tmp/vera/files/2026-11-20.g000001-s00.parquet"); const m=parquetMetadata(b.buffer.slice(b.byteOffset,b.byteOffset+b.length));
const page=(name)=>{const c=m.row_groups[0].columns.find(c=>c.meta_data.path_in_schema[0]===name).meta_data; const r={view:new DataView(b.buffer,b.byteOffset+Number(c.dictionary_page_offset??c.data_page_offset),Number(c.total_compressed_size)),offset:0}; for(;;){const h=parquetHeader(r); const body=new Uint8Array(r.view.buffer,r.view.byteOffset+r.offset,h.compressed_page_size); r.offset+=h.compressed_page_size; if(h.type==="DICTIONARY_PAGE")continue; return body.subarray(h.data_page_header_v2.definition_levels_byte_length);}};
const n=Number(m.num_rows); const f=new Float64Array(n), i32=new Int32Array(n);
const run=(what,fn)=>{for(let k=0;k<100;k++)fn(); const c=process.cpuUsage(); for(let k=0;k<300;k++)fn(); const u=process.cpuUsage(c); console.log(what,((u.user+u.system)/1e3/300*30).toFixed(2),"ms per 1M");};
const ps=Object.fromEntries(["occurred_at","visit_number","page","country","visitor","name","browser"].map(x=>[x,page(x)]));
const hy=x=>()=>{const from={bytes:ps[x],at:1}; B.unpackHybrid(from,ps[x][0],i32,n);};
for(let r=0;r<2;r++){
run("occurred_at",()=>B.unpackDeltas({bytes:ps.occurred_at,at:0},f,n));
run("visit_number",()=>B.unpackDeltas({bytes:ps.visit_number,at:0},i32,n));
for(const x of ["page","country","visitor","name","browser"]) run(x+" w"+ps[x][0],hy(x));}
let s=0; for(const v of f) s=(s*31+v)%1e9; B.unpackDeltas({bytes:ps.visit_number,at:0},i32,n); for(const v of i32) s=(s*31+v)%1e9; for(const x of ["page","country","visitor"]){hy(x)(); for(const v of i32) s=(s*31+v)%1e9;} console.log(s);
{const from={bytes:ps.visit_number,at:0}; const h={}; const u=()=>B.unsignedOf(from); const bv=u(),mb=u(),tot=u(),first=u(); for(let at=1;at<tot;){const least=u(); const w=from.at; from.at+=mb; for(let k=0;k<mb&&at<tot;k++){const width=from.bytes[w+k]; h[width+"/"+least]=(h[width+"/"+least]??0)+1; from.at+=bv/mb*width/8; at+=bv/mb;}} console.log(bv,mb,tot,h);}
