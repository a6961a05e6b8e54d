(ns kvasir.jepsen.store
  "What is left of a run: STORE/NAME/TIME with history.edn, history.txt, results.edn, test.edn, pictures and logs. A
  harness that dies leaves the operations until then, which kvasir.jepsen.history/completed makes a history of."
  (:require [clojure.java.io :as io]
            [clojure.pprint :as pprint])
  (:import (java.io File PrintWriter StringWriter Writer)
           (java.nio.file Files)
           (java.nio.file.attribute FileAttribute)
           (java.time Instant ZoneOffset)
           (java.time.format DateTimeFormatter)
           (java.util ArrayList)))

(set! *warn-on-reflection* true)

(def ^:private flush-nanos 100000000)

(defn folder-name
  "The time as Jepsen names folders."
  [^Instant instant]
  (.format (.withZone (DateTimeFormatter/ofPattern "yyyyMMdd'T'HHmmss.SSS'Z'") ZoneOffset/UTC) instant))

(defn path ^File [test & more] (apply io/file (:directory test) more))

;; --- Log ---

(def ^:dynamic ^Writer *log* nil)

(defn log
  "Writes a line to the log and to the terminal."
  ([text] (log text nil))
  ([text ^Throwable thrown]
   (let [line (str (folder-name (Instant/now)) " " text)]
     (locking #'*log*
       (println line)
       (flush)
       (when *log*
         (.write *log* (str line "\n"))
         (when thrown
           (let [trace (StringWriter.)]
             (.printStackTrace thrown (PrintWriter. trace))
             (.write *log* (str trace))))
         (.flush *log*))))))

;; --- Journal ---

(defrecord Journal [^Writer edn ^Writer text ^ArrayList ops flushed])

(defn journal
  "Confined to the thread of the interpreter."
  [test]
  (->Journal (io/writer (path test "history.edn")) (io/writer (path test "history.txt")) (ArrayList.)
             (volatile! (System/nanoTime))))

(defn write-op
  "An operation as a line, as Jepsen writes it."
  [^Writer out op]
  (let [order [:index :time :type :process :f :value]
        known (for [k order] (str k " " (pr-str (get op k))))
        more (for [[k v] (sort-by key (apply dissoc op order))] (str k " " (pr-str v)))]
    (.write out "{")
    (.write out ^String (apply str (interpose ", " (concat known more))))
    (.write out "}\n")))

(defn append!
  "Gives op its index, writes it and returns it."
  [{:keys [^Writer edn ^Writer text ^ArrayList ops]} op]
  (let [op (assoc op :index (.size ops))]
    (.add ops op)
    (write-op edn op)
    (.write text (str (:process op) "\t" (:type op) "\t" (:f op) "\t" (pr-str (:value op))
                      (when (:error op) (str "\t" (pr-str (:error op)))) "\n"))
    op))

(defn flush-now-and-then! [{:keys [^Writer edn ^Writer text flushed]}]
  (let [now (System/nanoTime)]
    (when (> (- now (long @flushed)) (long flush-nanos))
      (.flush edn)
      (.flush text)
      (vreset! flushed now))))

(defn close! [{:keys [^Writer edn ^Writer text]}]
  (.close edn)
  (.close text))

(defn history [{:keys [ops]}] (vec ops))

;; --- Files ---

(defn write-edn! [test name value]
  (with-open [out (io/writer (path test name))]
    (binding [*print-length* nil *print-level* nil]
      (pprint/pprint value out))))

(def not-serialized [:barrier :db :os :net :client :checker :nemesis :generator :model :remote :store :wrap-generator
                     :journal :history :results :final-generator :directory])

(defn- link! [^File link ^File target]
  (Files/deleteIfExists (.toPath link))
  (Files/createSymbolicLink (.toPath link)
                            (.relativize (.toPath (.getParentFile link)) (.toPath target))
                            (into-array FileAttribute [])))

(defn make-directory!
  "Makes the folder of a run and the links to it; returns it."
  ^File [root name ^Instant start]
  (let [directory (.getAbsoluteFile (io/file root name (folder-name start)))]
    (.mkdirs directory)
    (link! (io/file (.getParentFile directory) "latest") directory)
    (link! (io/file (.getParentFile (.getParentFile directory)) "latest") directory)
    directory))

(defn copy-logs!
  "Copies a node's logs to NODE/."
  [test node files]
  (doseq [^File file files]
    (let [to (path test (str node) (.getName file))]
      (io/make-parents to)
      (io/copy file to))))
